"""EC2 Auto Scaling: requests set the wish, the engine converges to it and keeps a record of what it did."""
