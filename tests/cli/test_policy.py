"""`policy`: the settings of a cluster, shown and changed."""

from tests.cli.conftest import Answer, Pretended, Shell

PATH = "clusters/prod/us-east-1/api-prod/policy/"
WHERE = ("api-prod", "--env", "prod", "--region", "us-east-1")
POLICY = {"traffic_driver": "", "min_healthy_percent": 100, "fewest_zones": None, "changed_by": "maria"}


def test_it_shows_what_holds(console: Pretended, run: Shell) -> None:
    console.answers("GET", PATH, Answer(POLICY))
    assert run("policy", *WHERE).out.splitlines() == [
        "traffic_driver\tby default",
        "min_healthy_percent\t100",
        "fewest_zones\tby default",
        "changed_by\tmaria",
    ]


def test_a_change_needs_a_reason(console: Pretended, run: Shell) -> None:
    console.answers("PATCH", PATH, Answer(POLICY))
    assert run("policy", *WHERE, "--set", "fewest_zones=2").status == 2
    assert run("policy", *WHERE, "--set", "fewest_zones", "--reason", "x").status == 2
    assert console.asked == []
    done = run("policy", *WHERE, "--set", "fewest_zones=2", "--set", "traffic_driver=null", "--reason", "small")
    assert done.status == 0
    assert console.asked[-1].body == {"fewest_zones": 2, "traffic_driver": None, "reason": "small"}
