/* SPDX-License-Identifier: ISC */
/* Which cached programs a change of the flow tables may have outdated.
 *
 * Every change has a number.  A cached program carries the number of the last change that it is known to have outlived, what tables it
 * depends on, and the rows of the key that these saw otherwise than the frame shows them (dp_program.h).  A change of a rule
 * concerns the frames that its match takes, and is kept where a frame's key finds it: for each mask (a class) one number for each hash
 * of what is under it, that of the latest change there.  So a program is judged by one probe for each class that has changed since,
 * however many changes there were; a number that two values share, or a class that is given up for another, outdates a program too
 * many and never one too few.
 *
 * Written inside exclusive sections, read by workers under their batch locks.  Memory is bounded: CHANGES_CLASSES times 16 KiB. */
#ifndef DATAPATH_AF_PACKET_CHANGES_H
#define DATAPATH_AF_PACKET_CHANGES_H

#include "match.h"

#define CHANGES_CLASSES 16u

struct changes_class {
	uint64_t last; /* the latest change in it */
	uint64_t *latest; /* by hash; NULL: a class that is not in use */
	uint8_t table_id;
	uint8_t n_words;
	uint8_t index[FLOW_KEY_WORDS];
	uint32_t rows; /* bit n: row n of the key is in the mask */
	uint64_t words[FLOW_KEY_WORDS];
};
struct changes {
	uint64_t now; /* the last change */
	uint64_t all; /* the last one that concerned all programs, or may have */
	uint64_t seed;
	struct changes_class class[CHANGES_CLASSES];
};

/* What a cached program depends on (dp_program.h). */
struct changes_deps {
	uint64_t tables;
	uint32_t rows;
};

void changes_init(struct changes *);
void changes_fini(struct changes *);
/* All programs are outdated. */
void changes_all(struct changes *);
/* Those are of frames that the match takes in this table.  Cheap; without memory the same as changes_all. */
void changes_rule(struct changes *, uint8_t table_id, const struct match *);
/* True if nothing that came after change 'since' can concern a program of 'key'. */
bool changes_spare(const struct changes *, uint64_t since, const struct flow_key *key, struct changes_deps);

#endif
