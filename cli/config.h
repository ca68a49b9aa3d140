#ifndef CONFIG_H
#define CONFIG_H

#include "mailscan.h"
#include "option.h"

/*
 * The configuration file, as the rows of the commands have it: a key is an
 * option without its hyphens. It stands at the top of the file, for every
 * command that has such an option; in the section of a command, for that one;
 * or in a section profile NAME { }, for those who ask for it.
 */

#define CONFIG_DEFAULT "/etc/mailscan/mailscan.conf"

/*
 * Read FILE, or the default one if that is NULL, and see that every value in
 * it is one that its row allows, and that there is a PROFILE (unless NULL).
 *
 * MS_OK     *CONF is for ms_conf_free(); or NULL: FILE was NULL, and there is
 *           no default one
 * negative  ERR says which file, what line of it, and what to do
 */
enum ms_status config_open(const char *file, const char *profile,
    struct ms_conf **conf, struct ms_error *err);

/* What CONF says of the option NAME to CMD, with PROFILE (or NULL); NULL:
 * nothing. */
const struct ms_conf_setting *config_find(const struct ms_conf *conf,
    const struct command *cmd, const char *profile, const char *name);

/* Does CONF, which may be NULL, say anything in the section of CMD? */
bool config_has_section(const struct ms_conf *conf, const struct command *cmd);

/* "FILE:LINE", for g_free(). */
char *config_place(const struct ms_conf_setting *setting);

/* May ROW stand in a file? */
bool config_has_row(const struct opt *row);

/* Is NAME no option of CMD, but one of the service that it asks? What is said
 * then has a format: for the name of that command, and NAME. */
bool config_elsewhere(const struct command *cmd, const char *name);
#define CONFIG_ELSEWHERE \
	"it is the service that decides, so tell it that (mailscan %s --%s)"

#endif
