import { greeting } from './greeting.js';

document.body.append(greeting);
