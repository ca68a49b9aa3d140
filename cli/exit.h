#ifndef EXIT_H
#define EXIT_H

/*
 * Exit statuses of every command, as clamscan has them: 2 is also what a
 * wrong command line gets, since then nothing has been scanned.
 */
enum exit_status {
	EXIT_CLEAN = 0,		/* done, and nothing was found */
	EXIT_FOUND = 1,
	EXIT_TROUBLE = 2	/* something could not be done or examined */
};

#endif
