from __future__ import annotations

import json
import pickle

from hypothesis import given, strategies as st

from etl.plan.figures import Figures


@given(st.builds(Figures))
def test_figures_survive_json_and_pickle(figures: Figures) -> None:
    """Figures come back from a manifest and from another process as they were."""
    assert Figures.of(json.loads(json.dumps(figures.as_dict()))) == figures
    assert pickle.loads(pickle.dumps(figures)) == figures
