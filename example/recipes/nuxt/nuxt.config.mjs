export default {
  telemetry: false,
  devtools: { enabled: false },
};
