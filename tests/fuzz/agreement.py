"""Thousands of random valid plans over random registries: every engine gives the same answer."""

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.lib.engines import answers
from tests.lib.plans import plans, registry_for
from workbench.plan import Plan, canonical, parse, pruned

PERSONS = 30


def agreement(count: int, start: int) -> int:
    """Run `count` random plans from a seed; raises at the first that is answered in two ways."""
    done = 0

    @seed(start)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(plan=plans())
    def agree(plan: Plan) -> None:
        nonlocal done
        short = pruned(parse(canonical(plan)))
        found = answers(short, registry_for(plan, PERSONS), PERSONS)
        differing = [name for name in found if found[name] != found["slow"]]
        if differing:
            raise AssertionError(f"{differing} and slow differ: {canonical(plan).decode()}")
        done += 1

    agree()
    return done
