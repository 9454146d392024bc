/** @type {import('next').NextConfig} */
const config = {
  // Else each start asks the registry whether this Next is an old one.
  experimental: { agentUpgrade: false },
};

export default config;
