import { Component } from '@angular/core';

@Component({ selector: 'app-root', template: '<h1>{{ name }} under PM2</h1>' })
export class Greeting {
  readonly name = 'Angular';
}
