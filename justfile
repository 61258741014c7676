# Shortcuts for what CONTRIBUTING.md lists; they need the environment that it sets up.
python := ".venv/bin/python"

# every check, as a merge runs them, in the environment at hand
check: lint test

lint:
    .venv/bin/ruff check .
    .venv/bin/ruff format --check .
    .venv/bin/mypy
    .venv/bin/lint-imports

test *args:
    .venv/bin/pytest -n auto {{args}}

fix:
    .venv/bin/ruff check --fix .
    .venv/bin/ruff format .

# the golden report, made again
golden:
    .venv/bin/sla-audit compute --config sample_logs/sla-audit.toml --quiet -o sample_logs/expected.json
    git diff --stat sample_logs

# whole processes side by side, on logs that are made first
bench rows="20_000_000":
    {{python}} benchmarks/make_data.py build/bench --rows {{rows}}
    {{python}} benchmarks/compare.py build/bench build/bench.exclusions.csv
