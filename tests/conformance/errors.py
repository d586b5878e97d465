#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Holds errors.tsv against of_errors.def and the tests.

    errors.py [--unit FOLDER] [--system JUNIT.xml]...

Every code that the switch knows has a row, in the same order; a row names a test whose source names the code, or says why it can't
occur.  With --unit (the folder of the TAP logs of `make check`) and --system (what pytest --junitxml wrote) the test must also have
passed.  At least 95 of the standard's 111 codes must be shown.  Writes TAP."""

import argparse
import os
import re
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import clauses  # noqa: E402

STANDARD, ENOUGH = 111, 95


def problem(code, test, why, units, systems):
    """What is wrong with a row, or None."""
    if test == 'none':
        return None if len(why) > 10 else 'no reason why it cannot occur'
    kind, _, rest = test.partition(':')
    file, _, name = rest.partition(':')
    if kind not in ('unit', 'system'):
        return 'no test: ' + test
    text = clauses.source(kind, file, '.c' if kind == 'unit' else '.py')
    if not re.search(r'^%s%s\(' % ('def ' if kind == 'system' else '', re.escape(name)), text, re.M):
        return 'there is no ' + test
    if not re.search(r'\b%s\b' % code, text):
        return '%s does not name it' % test
    results = units if kind == 'unit' else systems
    return None if results is None or results.get((file, name)) else test + ' has not passed'


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--unit')
    parser.add_argument('--system', action='append')
    options = parser.parse_args()
    units = clauses.unit_results(options.unit) if options.unit else None
    systems = clauses.system_results(options.system) if options.system else None
    with open(os.path.join(HERE, '..', '..', 'include', 'openflow', 'of_errors.def')) as f:
        codes = re.findall(r'^OF_ERR\((\w+),', f.read(), re.M)
    rows = [fields for _, fields in clauses.read_table('errors.tsv', 3)]
    wrong = ['%s: %s' % (row[0], p) for row in rows for p in [problem(*row, units, systems)] if p]
    if [row[0] for row in rows] != codes:
        wrong.append('the rows are not the codes of of_errors.def: %s' % sorted(set(codes) ^ {row[0] for row in rows}))
    shown = sum(row[1] != 'none' for row in rows[:STANDARD])
    if shown < ENOUGH:
        wrong.append('%d codes are shown, not %d' % (shown, ENOUGH))
    print('1..1')
    for line in wrong:
        print('# ' + line)
    print('# %d of the standard\'s %d codes are produced by a test, and %d of the %d of extensions' % (
        shown, STANDARD, sum(row[1] != 'none' for row in rows[STANDARD:]), len(rows) - STANDARD))
    print('%s 1 - errors' % ('not ok' if wrong else 'ok'))
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
