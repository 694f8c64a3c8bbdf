"""What AWS does, said in tests, so that the console leans on AWS and not on an emulator's mistake.

The suite runs against the embedded cloud by default. By hand, and at a cost, it runs against AWS:

    CONTRACT_AWS=1 CONTRACT_IMAGE=ami-... AWS_PROFILE=... pytest tests/contract

with an Amazon Linux image (x86_64) of the region, in an account that has a default VPC whose default security group
lets its members reach each other on port 8080. It has not been run against AWS yet: **everything here is known from
documentation only**. Each test says where from, by a marker:

- `shape`: the statement is in the API reference that botocore carries (a required member, an enumerated value, a
  documented behaviour of the operation), which can be looked up on this machine;
- `documented`: it is in AWS's user guides, or known from use, and was not looked up here.
"""
