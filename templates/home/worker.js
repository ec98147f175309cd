import { start } from '{% static "js/worker/start.js" %}';

start({ offline: '{% url "home:offline" %}', signOut: '{% url "home:sign-out" %}', files: '{% get_static_prefix %}' });
