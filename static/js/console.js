// What a page gains with JavaScript; without it everything still works.
import "./ticking.js";
import "./live.js";
import "./search.js";
import "./small.js";
