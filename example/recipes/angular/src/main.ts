import { provideZonelessChangeDetection } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { Greeting } from './greeting';

bootstrapApplication(Greeting, { providers: [provideZonelessChangeDetection()] });
