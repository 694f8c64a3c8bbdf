// Shows the OpenAPI document. Requests tried from the page act for whoever is signed in, so changes need the CSRF token.
"use strict";

const place = document.getElementById("docs");

SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  deepLinking: true,
  displayRequestDuration: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
  requestInterceptor: (request) => {
    const sameSite = new URL(request.url, document.baseURI).origin === location.origin;
    if (sameSite && !["GET", "HEAD"].includes(request.method || "GET")) {
      request.headers["X-CSRFToken"] = place.dataset.csrf;
    }
    return request;
  },
});
