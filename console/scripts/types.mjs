// node scripts/types.mjs OPENAPI.json [TARGET]: the shapes of the API's answers as TypeScript, into src/api/schema.d.ts.
import { readFileSync, writeFileSync } from "node:fs";

import openapiTS, { astToString } from "openapi-typescript";

const { openapi, info, components } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const made = await openapiTS({ openapi, info, paths: {}, components: { schemas: components.schemas } });
const text = `// Made from the gateway's OpenAPI document by scripts/types.mjs.\n\n${astToString(made)}`;
writeFileSync(process.argv[3] ?? new URL("../src/api/schema.d.ts", import.meta.url), text);
