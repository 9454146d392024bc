document.body.append('Vite under PM2');
