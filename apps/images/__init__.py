"""AMIs as a shop makes them: builds that CI reports, bakes, what is inside an image and between two of them."""
