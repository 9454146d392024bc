import { Greeting } from './greeting.jsx';

export default { component: Greeting };

export const Storybook = { args: { name: 'Storybook' } };
