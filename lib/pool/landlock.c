#include "pool/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Numbers that the oldest supported headers lack; the kernel decides by ABI
 * what it knows. */
#define FS_REFER (1ULL << 13)		/* ABI 2 */
#define FS_TRUNCATE (1ULL << 14)	/* ABI 3 */
#define FS_IOCTL_DEV (1ULL << 15)	/* ABI 5 */
#define NET_BIND_CONNECT 3ULL		/* ABI 4 */
#define SCOPE_ALL 3ULL			/* ABI 6 */

#define FS_ALL_1 ((1ULL << 13) - 1)

/* What the structure of landlock_create_ruleset(2) has grown to. */
struct ruleset {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
	uint64_t scoped;
};

/* The rights that a kernel of this ABI can withhold. */
static struct ruleset
handled_rights(long abi, bool net)
{
	struct ruleset rules = { .handled_access_fs = FS_ALL_1 };

	if (abi >= 2)
		rules.handled_access_fs |= FS_REFER;
	if (abi >= 3)
		rules.handled_access_fs |= FS_TRUNCATE;
	if (abi >= 4 && !net)
		rules.handled_access_net = NET_BIND_CONNECT;
	if (abi >= 5)
		rules.handled_access_fs |= FS_IOCTL_DEV;
	if (abi >= 6)
		rules.scoped = SCOPE_ALL;
	return rules;
}

static size_t
ruleset_size(long abi)
{
	if (abi >= 6)
		return sizeof(struct ruleset);
	return abi >= 4 ? 16 : 8;
}

static uint64_t
rights_for(enum ms_landlock_use use, long abi)
{
	uint64_t rights = LANDLOCK_ACCESS_FS_READ_FILE;

	if (use != MS_LANDLOCK_FILES)
		rights |= LANDLOCK_ACCESS_FS_READ_DIR;
	if (use == MS_LANDLOCK_READ)
		return rights;
	rights |= LANDLOCK_ACCESS_FS_WRITE_FILE |
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
	    (abi >= 3 ? FS_TRUNCATE : 0);
	if (use != MS_LANDLOCK_FILES)
		rights |= LANDLOCK_ACCESS_FS_REMOVE_DIR |
		    LANDLOCK_ACCESS_FS_MAKE_DIR;
	return rights | (use == MS_LANDLOCK_KEEP && abi >= 2 ? FS_REFER : 0);
}

static enum ms_status
allow_dir(int ruleset, const struct ms_landlock_rule *what, long abi,
    struct ms_error *err)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = rights_for(what->use, abi),
	};
	long result;

	rule.parent_fd = open(what->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (rule.parent_fd < 0 && what->use == MS_LANDLOCK_READ)
		return MS_OK;
	if (rule.parent_fd < 0)
		return ms_error_errno(err, "%s", what->dir);
	result = syscall(SYS_landlock_add_rule, ruleset,
	    LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	(void)close(rule.parent_fd);
	return result == 0 ? MS_OK : ms_error_errno(err, "Landlock");
}

long
ms_landlock_abi(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
}

enum ms_status
ms_landlock_enter(const struct ms_landlock_rule *rules, bool net,
    struct ms_error *err)
{
	const long abi = ms_landlock_abi();
	const struct ruleset handled = handled_rights(abi, net);
	enum ms_status status = MS_OK;
	int fd;

	if (abi <= 0)
		return MS_OK;
	fd = (int)syscall(SYS_landlock_create_ruleset, &handled,
	    ruleset_size(abi), 0);
	if (fd < 0)
		return ms_error_errno(err, "Landlock");
	for (; rules->dir && status == MS_OK; rules++)
		status = allow_dir(fd, rules, abi, err);
	if (status == MS_OK &&
	    syscall(SYS_landlock_restrict_self, fd, 0) != 0)
		status = ms_error_errno(err, "Landlock");
	(void)close(fd);
	return status;
}
