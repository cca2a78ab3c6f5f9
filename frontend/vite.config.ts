import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const relay = "http://localhost:8080";

export default defineConfig({
  plugins: [react()],
  server: { proxy: { "/api": relay, "/ws": { target: relay, ws: true } } },
  preview: { proxy: { "/api": relay, "/ws": { target: relay, ws: true } } },
  build: { target: "es2022", assetsInlineLimit: 0 },
  test: {
    environment: "jsdom",
    include: ["tests/**/*.test.{ts,tsx}"],
    setupFiles: ["tests/setup.ts"],
    restoreMocks: true,
    testTimeout: 30_000, // axe takes seconds where something else wants the machine
    css: { modules: { classNameStrategy: "non-scoped" } },
  },
});
