EXTRA_DIST += examples/ringflow.conf examples/demo.sh examples/learning_switch.py examples/mininet_ringflow.py
