"""What the janitor of images cannot know: which AMIs deployments need, freezes, and the kinds that are theirs."""
