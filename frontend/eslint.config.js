import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import { defineConfig } from "eslint/config";
import typescript from "typescript-eslint";

export default defineConfig(
  { ignores: ["dist", "node_modules"] },
  js.configs.recommended,
  typescript.configs.strictTypeChecked,
  typescript.configs.stylisticTypeChecked,
  hooks.configs.flat.recommended,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ["*.js"] } } },
    rules: {
      // "nothing to undo yet" is a function too
      "@typescript-eslint/no-empty-function": "off",
      // numbers are what this page shows
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // `() => void fn()` reads worse than `() => fn()` in handlers
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
  { files: ["*.js"], ...typescript.configs.disableTypeChecked },
);
