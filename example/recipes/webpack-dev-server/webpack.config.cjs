'use strict';

const HtmlWebpackPlugin = require('html-webpack-plugin');

/** @type {import('webpack').Configuration} */
module.exports = {
  mode: 'development',
  plugins: [new HtmlWebpackPlugin({ title: 'webpack under PM2' })],
};
