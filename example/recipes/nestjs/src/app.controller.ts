import { Controller, Get } from '@nestjs/common';

@Controller()
export class AppController {
  @Get()
  page(): string {
    return 'NestJS under PM2';
  }

  @Get('health')
  health(): string {
    return 'ok';
  }
}
