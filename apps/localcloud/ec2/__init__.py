"""EC2: instances that are real processes, images that are directory trees, launch templates; the rest is moto's."""
