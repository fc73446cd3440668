/** Measures of what is drawn, in picture units. */

export interface Point {
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

export interface Box extends Point, Size {}

export const podSize: Size = { width: 136, height: 48 };
export const serviceSize: Size = { width: 160, height: 48 };
export const workloadSize: Size = { width: 136, height: 46 };
export const addressSize: Size = { width: 118, height: 40 };
export const outsideSize: Size = { width: 84, height: 64 };
export const claimSize: Size = { width: 136, height: 48 };
export const nodePortSize: Size = { width: 40, height: 16 };

/** Between slots. */
export const gap = 10;
/** Between boxes, and between columns. */
export const columnGap = 36;
/** In which hosts and paths are written. */
export const labelGap = 104;
/** Two lines: the box's name, and what is special about it. */
export const header = 46;
/** Of a box whose title stands alone. */
export const shortHeader = 32;
export const padding = 12;
/** Of a frame around boxes. */
export const frameHeader = 30;
/** From one to the next in a column beside the boxes. */
export const sideStep = 62;
