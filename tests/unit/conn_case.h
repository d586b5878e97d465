/* SPDX-License-Identifier: ISC */
/* What a test of connections starts from: one switch of 8 tables and 4 ports, one peer that has shaken hands, one buffer for what it
 * sends, and the clock standing at second 1000.  The checks fail the running cmocka test. */
#ifndef TESTS_UNIT_CONN_CASE_H
#define TESTS_UNIT_CONN_CASE_H

#include "conn_rig.h"

#include "clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SECOND UINT64_C(1000000000)

extern struct rig rig;
extern struct peer peer;
extern struct wbuf req; /* what goes out with the next send_and_run */

int conn_case_setup(void **state);
int conn_case_teardown(void **state);
#define CONN_CASE(f) cmocka_unit_test_setup_teardown(f, conn_case_setup, conn_case_teardown)

/* ---- what goes out ---- */

/* Sends 'req', empties it, and lets the switch do what it can. */
void send_and_run(void);
/* These append to 'req'.  A flow-mod with xid 7, no match, and with 'out_port' an output to it. */
void put_flow(uint8_t command, uint8_t table, uint16_t priority, uint32_t out_port);
/* A request of that multipart type (OFPMP_FLOW, OFPMP_AGGREGATE) for all entries. */
void put_flow_request(uint32_t xid, uint16_t type);
/* Bytes, two digits each. */
void put_raw(const char *hex);
/* Adds so many entries to tables 0 to 6, and checks that none is refused. */
void add_many_flows(unsigned n);

/* ---- what comes back ---- */

/* Whether message 'm' (NULL: no) is that error. */
bool is_error(const uint8_t *m, enum of_error);
/* The next message is that error for 'xid', an experimenter's under ONF's number.  Returned, with its length, for a look at its data. */
const uint8_t *assert_error_of(enum of_error, uint32_t xid, size_t *len);
/* The same, with the whole request as data. */
void assert_error(enum of_error, uint32_t xid, const void *request, size_t request_len);
void assert_reply(uint8_t type, uint32_t xid);
void assert_nothing(void);
/* The connection stands, and an echo comes back at once. */
void assert_alive(void);

#endif
