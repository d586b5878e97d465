#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Holds the clause matrix against the tests.

    clauses.py [--open-too] [--unit FOLDER] [--model LOG] [--system JUNIT.xml]... [--ryu RESULTS.tsv]...

clauses.tsv names, for each clause of the standard, the tests that show it: unit:FILE:CASE, system:FILE:TEST, ryu:PATH (the
beginning of a pattern's path), error:CODE (a row of errors.tsv) and model:TOPIC (of the reference model in tests/model: tables,
sets, groups, fields, tags, counters, messages).  Every test must be there in the sources.  With --unit (the
folder of the TAP logs of `make check`) and --system (what pytest --junitxml wrote) it must also have passed; with --ryu all cases
below the path must be OK.  A word that begins with a question mark is an open row: it is listed, and amiss only
without --open-too.  Exit status 1 if anything is amiss."""

import argparse
import collections
import glob
import os
import re
import sys
import xml.etree.ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
TOPICS = 'tables sets groups fields tags counters messages'.split()


def read_table(name, columns):
    """The rows of a tab separated file as (line number, fields)."""
    path = os.path.join(HERE, name)
    if not os.path.exists(path):
        return
    with open(path) as f:
        for number, line in enumerate(f, 1):
            if line.strip() and not line.startswith('#'):
                fields = line.rstrip('\n').split('\t')
                if len(fields) != columns:
                    sys.exit('%s:%d: %d columns, not %d' % (name, number, len(fields), columns))
                yield number, fields


def source(folder, name, ending):
    try:
        with open(os.path.join(TESTS, folder, name + ending)) as f:
            return f.read()
    except FileNotFoundError:
        return ''


def unit_results(folder):
    """{(file, case): passed} from TAP logs."""
    results = {}
    for path in glob.glob(os.path.join(folder, '*.log')):
        with open(path, errors='replace') as f:
            for verdict, case in re.findall(r'^(ok|not ok) \d+ - (\w+)', f.read(), re.M):
                results[os.path.basename(path)[:-4], case] = verdict == 'ok'
    return results


def system_results(paths):
    """{(file, test): passed}: of a test with parameters, all."""
    results = {}
    for path in paths:
        for case in xml.etree.ElementTree.parse(path).iter('testcase'):
            key = case.get('classname').split('.')[-1], case.get('name').split('[')[0]
            good = all(case.find(kind) is None for kind in ('failure', 'error', 'skipped'))
            results[key] = results.get(key, True) and good
    return results


def ryu_results(paths):
    """{path of pattern: all OK}"""
    results = collections.defaultdict(lambda: True)
    for path in paths:
        with open(path) as f:
            rows = [line.rstrip('\n').split('\t') for line in f if not line.startswith('#')]
        head = rows[0]
        for row in rows[1:]:
            r = dict(zip(head, row))
            results[r['file']] = results[r['file']] and r['result'] == 'OK'
    return results


class Checker:
    def __init__(self, options):
        self.unit = unit_results(options.unit) if options.unit else None
        self.system = system_results(options.system) if options.system else None
        self.ryu = ryu_results(options.ryu) if options.ryu else None
        self.model = open(options.model).read() if options.model else None
        self.errors = {row[0]: row for _, row in read_table('errors.tsv', 3)}

    def check_unit(self, file, case):
        if not re.search(r'\b%s\b' % re.escape(case), source('unit', file, '.c')):
            return 'there is no such unit test'
        if self.unit is not None and not self.unit.get((file, case)):
            return 'it has not passed'
        return None

    def check_system(self, file, test):
        if not re.search(r'^def %s\(' % re.escape(test), source('system', file, '.py'), re.M):
            return 'there is no such system test'
        if self.system is not None and not self.system.get((file, test)):
            return 'it has not passed'
        return None

    def check_error(self, code):
        row = self.errors.get(code)
        if not row:
            return 'errors.tsv has no such code'
        return self.check(row[1]) if ':' in row[1] else None

    def check_model(self, topic):
        if topic not in TOPICS:
            return 'the model has no such topic'
        if not source('model', 'drive', '.c'):
            return 'there is no model'
        if self.model is not None and not re.search(r'^ok 1 - \d+ steps', self.model, re.M):
            return 'the switch and its model differ'
        return None

    def check_ryu(self, path):
        if self.ryu is None:
            return None
        found = [ok for file, ok in self.ryu.items() if file.startswith(path)]
        if not found:
            return 'no case of it was run'
        return None if all(found) else 'not all its cases are OK'

    def check(self, word):
        """Why the word is not a test that passed, or None."""
        if word.startswith('?'):
            return 'open'
        kind, _, rest = word.partition(':')
        parts = rest.split(':')
        if kind == 'unit' and len(parts) == 2:
            return self.check_unit(*parts)
        if kind == 'system' and len(parts) == 2:
            return self.check_system(*parts)
        if kind == 'model' and len(parts) == 1:
            return self.check_model(rest)
        if kind == 'ryu' and len(parts) == 1:
            return self.check_ryu(rest)
        if kind == 'error' and len(parts) == 1:
            return self.check_error(rest)
        return 'not a reference to a test'


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--open-too', action='store_true')
    ap.add_argument('--unit')
    ap.add_argument('--model')
    ap.add_argument('--system', action='append')
    ap.add_argument('--ryu', action='append')
    options = ap.parse_args()
    checker, wrong, still_open, n = Checker(options), 0, 0, 0
    for number, (section, level, clause, tests) in read_table('clauses.tsv', 4):
        n += 1
        if level not in ('must', 'should'):
            sys.exit('clauses.tsv:%d: %s is neither must nor should' % (number, level))
        if tests.startswith('none: '):
            continue
        for word in tests.split() or ['?']:
            why = checker.check(word)
            if why:
                still_open += why == 'open'
                wrong += why != 'open' or not options.open_too
                print('# clauses.tsv:%d: %s: %s: %s' % (number, section, word, why))
    print('%sok 1 - %d clauses, %d words open, %d words amiss' % ('not ' if wrong else '', n, still_open, wrong))
    print('1..1')
    sys.exit(wrong != 0)


if __name__ == '__main__':
    main()
