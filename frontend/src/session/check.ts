/** Checks JSON against a shape at run time; the static type follows from the shape. */

export class ShapeError extends Error {}

export type Check<T> = (value: unknown, where: string) => T;
export type Shape = Record<string, Check<unknown>>;
export type Of<S extends Shape> = { readonly [K in keyof S]: ReturnType<S[K]> };

const fail = (value: unknown, where: string, wanted: string): never => {
  throw new ShapeError(`${where}: ${JSON.stringify(value)} is not ${wanted}.`);
};

export const string: Check<string> = (value, where) =>
  typeof value === "string" ? value : fail(value, where, "a string");

export const number: Check<number> = (value, where) =>
  typeof value === "number" && Number.isFinite(value) ? value : fail(value, where, "a number");

export const integer: Check<number> = (value, where) =>
  Number.isInteger(value) ? (value as number) : fail(value, where, "a whole number");

export const boolean: Check<boolean> = (value, where) =>
  typeof value === "boolean" ? value : fail(value, where, "true or false");

export const nullable =
  <T>(check: Check<T>): Check<T | null> =>
  (value, where) =>
    value === null || value === undefined ? null : check(value, where);

export const list =
  <T>(check: Check<T>): Check<readonly T[]> =>
  (value, where) =>
    Array.isArray(value)
      ? value.map((item, index) => check(item, `${where}[${index}]`))
      : fail(value, where, "a list");

export const oneOf =
  <const T extends string>(...known: readonly T[]): Check<T> =>
  (value, where) =>
    known.find((item) => item === value) ?? fail(value, where, `one of ${known.join(", ")}`);

/** Fields that a newer relay adds are dropped; missing ones are an error that names them. */
export const object =
  <S extends Shape>(shape: S): Check<Of<S>> =>
  (value, where) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return fail(value, where, "an object");
    }
    const found = value as Record<string, unknown>;
    const entries = Object.entries(shape).map(([name, check]) => [
      name,
      check(found[name], `${where}.${name}`),
    ]);
    return Object.fromEntries(entries) as Of<S>;
  };
