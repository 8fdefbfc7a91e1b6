// Names for what the API answers; the shapes themselves are generated from its OpenAPI document.
import type { components } from "./schema";

type Schemas = components["schemas"];

export type OwnKey = Schemas["Key"];
export type Account = Schemas["Account"];
export type Keys = Schemas["Keys"];
export type MadeKey = Schemas["MadeKey"];
export type RotatedKey = Schemas["RotatedKey"];
export type Usage = Schemas["Usage"];
export type UsageLine = Schemas["UsageLine"];
export type Requests = Schemas["Requests"];
export type RequestLine = Schemas["RequestLine"];
export type RequestAccount = Schemas["RequestAccount"];
export type Redeemed = Schemas["Redeemed"];
export type Checkout = Schemas["Checkout"];
export type Statement = Schemas["Statement"];
export type Limits = Schemas["Limits"];
/** The catalog's own facts, which the list of models adds to the vendors' shapes. */
export type Model = Schemas["Model"] & { name?: string };
export interface Models {
  data: Model[];
}
