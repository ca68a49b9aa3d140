#ifndef MS_VAULT_H
#define MS_VAULT_H

/*
 * The store of a service: the only process that writes to its quarantine. It
 * gets messages as tasks (serve/task.h), and answers when they are on disk.
 */

struct ms_vault_config {
	const char *quarantine;	/* directory (action/quarantine.h), which is
				 * made */
};

/* The body of a child (pool/child.h); ARG is a struct ms_vault_config. READY
 * comes when the quarantine is open. The answer to a task is its id there. 0:
 * it was told to end; 1: it cannot begin. */
int ms_vault_run(void *arg, int control);

#endif
