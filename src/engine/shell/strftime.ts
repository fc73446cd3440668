const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const dayMs = 86_400_000;

/**
 * strftime(3) in the C locale and UTC, with GNU date's `%N`, `%s` and the flags `-`, `_`, `0`, `^`.
 * @param time Unix ms
 */
export function strftime(format: string, time: number): string {
  const d = new Date(Math.floor(time));
  return format.replace(/%([-_0^#]?)(\d*)(:{0,2}[a-zA-Z%+])/g, (whole, flag: string, width: string, code: string) => {
    const text = field(code, d, time);
    if (text === undefined) return whole;
    if (flag === '^') return text.toUpperCase();
    if (flag === '-') return text.replace(/^[0 ]+(?=.)/, '');
    if (flag === '_') return text.replace(/^0+(?=.)/, (zeros) => ' '.repeat(zeros.length));
    if (code === 'N' && width) return text.slice(0, Number(width));
    return width ? text.padStart(Number(width), /^\d/.test(text) ? '0' : ' ') : text;
  });
}

function field(code: string, d: Date, time: number): string | undefined {
  const two = (n: number) => String(n).padStart(2, '0');
  const [year, month, day, weekday] = [d.getUTCFullYear(), d.getUTCMonth(), d.getUTCDate(), d.getUTCDay()];
  const [hour, minute, second] = [d.getUTCHours(), d.getUTCMinutes(), d.getUTCSeconds()];
  const dayOfYear = Math.floor((Date.UTC(year, month, day) - Date.UTC(year, 0, 1)) / dayMs);
  const iso = isoWeek(year, month, day);
  switch (code) {
    case '%':
      return '%';
    case 'a':
      return days[weekday]!.slice(0, 3);
    case 'A':
      return days[weekday]!;
    case 'b':
    case 'h':
      return months[month]!.slice(0, 3);
    case 'B':
      return months[month]!;
    case 'c':
      return strftime('%a %b %e %H:%M:%S %Y', time);
    case 'C':
      return two(Math.floor(year / 100));
    case 'd':
      return two(day);
    case 'D':
    case 'x':
      return strftime('%m/%d/%y', time);
    case 'e':
      return String(day).padStart(2);
    case 'F':
      return strftime('%Y-%m-%d', time);
    case 'g':
      return two(iso.year % 100);
    case 'G':
      return String(iso.year);
    case 'H':
      return two(hour);
    case 'I':
      return two(hour % 12 || 12);
    case 'j':
      return String(dayOfYear + 1).padStart(3, '0');
    case 'k':
      return String(hour).padStart(2);
    case 'l':
      return String(hour % 12 || 12).padStart(2);
    case 'm':
      return two(month + 1);
    case 'M':
      return two(minute);
    case 'n':
      return '\n';
    case 'N':
      return String(Math.floor((time - Math.floor(time / 1000) * 1000) * 1e6)).padStart(9, '0');
    case 'p':
      return hour < 12 ? 'AM' : 'PM';
    case 'P':
      return hour < 12 ? 'am' : 'pm';
    case 'q':
      return String(Math.floor(month / 3) + 1);
    case 'r':
      return strftime('%I:%M:%S %p', time);
    case 'R':
      return strftime('%H:%M', time);
    case 's':
      return String(Math.floor(time / 1000));
    case 'S':
      return two(second);
    case 't':
      return '\t';
    case 'T':
    case 'X':
      return strftime('%H:%M:%S', time);
    case 'u':
      return String(weekday || 7);
    case 'U':
      return two(Math.floor((dayOfYear + 7 - weekday) / 7));
    case 'V':
      return two(iso.week);
    case 'w':
      return String(weekday);
    case 'W':
      return two(Math.floor((dayOfYear + 7 - ((weekday + 6) % 7)) / 7));
    case 'y':
      return two(year % 100);
    case 'Y':
      return String(year);
    case 'z':
      return '+0000';
    case ':z':
      return '+00:00';
    case '::z':
      return '+00:00:00';
    case 'Z':
      return 'UTC';
    case '+':
      return strftime('%a %b %e %H:%M:%S %Z %Y', time);
    default:
      return undefined;
  }
}

function isoWeek(year: number, month: number, day: number): { year: number; week: number } {
  const date = Date.UTC(year, month, day);
  const weekday = (new Date(date).getUTCDay() + 6) % 7;
  const thursday = new Date(date + (3 - weekday) * dayMs);
  const isoYear = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() - Date.UTC(isoYear, 0, 1)) / dayMs / 7) + 1;
  return { year: isoYear, week };
}
