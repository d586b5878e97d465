/* SPDX-License-Identifier: ISC */
/* Any bytes as the stream of a controller to a live switch (fake datapath): handlers, tables, replies, time-outs.  After them every reply is
 * framed well, and the exclusive sections are closed. */
#include "conn_rig.h"

#include "clock.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SECOND UINT64_C(1000000000)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct peer peer, watcher;
	struct rig rig;
	size_t len;

	clock_fake_set(1000 * SECOND);
	rig_open(&rig, 4, 3);
	peer_open_ready(&rig, &peer, false);
	peer_open_ready(&rig, &watcher, true);
	for (size_t at = 0; at < size; at += 4096) {
		peer_send(&peer, data + at, size - at < 4096 ? size - at : 4096);
		rig_run(&rig, &peer, 1);
	}
	fake_dp_packet_in(1, OFPR_NO_MATCH, 128, 200, 0x5a);
	fake_dp_port_event(2, DP_PORT_CHANGED, OFPPS_LINK_DOWN);
	clock_fake_set(1006 * SECOND);
	if (!peer_is_gone(&rig, &peer))
		conn_tick(peer.conn);
	rig_run(&rig, &peer, 1);
	rig_run(&rig, &watcher, 1);
	while (peer_next(&peer, &len))
		;
	if (peer.in_len && !peer_is_gone(&rig, &peer))
		abort(); /* half a message */
	peer_close(&rig, &peer);
	peer_close(&rig, &watcher);
	rig_close(&rig);
	return 0;
}
