/* SPDX-License-Identifier: ISC */
/* The addresses that NORMAL has learnt, per VLAN.
 *
 * Workers look up and refresh ages (a relaxed store); the control thread inserts and removes inside exclusive sections.  Bounded; when
 * full, the oldest address of the port that holds most makes room (fair eviction). */
#ifndef OFPROTO_PIPELINE_MAC_TABLE_H
#define OFPROTO_PIPELINE_MAC_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mac_table;
struct mac_entry {
	uint8_t mac[6];
	uint16_t vlan;
	uint32_t port_no;
	uint32_t used_s; /* CLOCK_MONOTONIC seconds */
};

/* NULL: no memory. */
struct mac_table *mac_table_create(size_t max_entries, uint32_t aging_s);
void mac_table_destroy(struct mac_table *);
void mac_table_set_limits(struct mac_table *, size_t max_entries, uint32_t aging_s);
/* [worker] The port, or 0; entries past their age count as absent. */
uint32_t mac_table_lookup(const struct mac_table *, const uint8_t mac[6], uint16_t vlan, uint32_t now_s);
/* [worker] Refreshes the age; true if the address is new or was on another port (to be reported). */
bool mac_table_refresh(const struct mac_table *, const uint8_t mac[6], uint16_t vlan, uint32_t port_no, uint32_t now_s);
/* [control, exclusive] */
void mac_table_learn(struct mac_table *, const uint8_t mac[6], uint16_t vlan, uint32_t port_no, uint32_t now_s);
void mac_table_flush(struct mac_table *);
void mac_table_flush_port(struct mac_table *, uint32_t port_no);
/* Removes aged entries, at most 'max'; true if more are due. */
bool mac_table_age(struct mac_table *, uint32_t now_s, unsigned max);
size_t mac_table_count(const struct mac_table *);
/* Calls 'cb' for each entry, in no order. */
void mac_table_for_each(const struct mac_table *, void (*cb)(void *aux, const struct mac_entry *), void *aux);

#endif
