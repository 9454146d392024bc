export const greeting = 'webpack under PM2';
