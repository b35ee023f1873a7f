/** Reads whole numbers from options; throws, naming the option, with the usage behind. */
export const wholeNumbers =
  (usage: string) =>
  (name: string, text: string, min: number, max: number): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new Error(`${name} is ${text}, not a whole number from ${min} to ${max}\n${usage}`);
  };
