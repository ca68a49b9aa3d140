#include "policy/articles.h"

#include <glib.h>
#include <string.h>

bool
ms_articles_address(const char *text, struct ms_subnet *address)
{
	static const char six[] = "IPV6:";

	if (g_ascii_strncasecmp(text, six, strlen(six)) == 0)
		text += strlen(six);
	return ms_subnet_address(text, address);
}

bool
ms_articles_in(const GArray *subnets, const char *client)
{
	struct ms_subnet address;

	if (!client || !ms_articles_address(client, &address))
		return false;
	for (guint i = 0; i < subnets->len; i++)
		if (ms_subnet_holds(&g_array_index(subnets, struct ms_subnet,
		    i), address.family, address.bytes))
			return true;
	return false;
}

bool
ms_articles_is_own(const char *client)
{
	static const unsigned char six[16] = { [15] = 1 };
	struct ms_subnet address;

	if (!client)
		return true;
	if (!ms_articles_address(client, &address))
		return false;
	/* RFC 1122, 3.2.1.3 (g); RFC 4291, 2.5.3 */
	return address.bits == 32 ? address.bytes[0] == 127 :
	    memcmp(address.bytes, six, sizeof six) == 0;
}

static bool
same_choice(const struct ms_choice *a, const struct ms_choice *b)
{
	return a->action == b->action && a->quarantine == b->quarantine &&
	    g_strcmp0(a->address, b->address) == 0;
}

void
ms_articles_note(struct ms_policy *policy, const struct ms_settings *settings)
{
	static const enum ms_occasion ones[] = { MS_ON_INFECTED,
		MS_ON_PHISHING, MS_ON_MACRO, MS_ON_PUA, MS_ON_UNOFFICIAL };

	for (size_t i = 0; i < G_N_ELEMENTS(ones); i++) {
		const struct ms_choice *choice = &settings->rules.on[ones[i]];

		if (!ms_settings_has(settings, MS_SETTINGS_ON + ones[i]) ||
		    choice->inherited)
			continue;
		policy->has_classes |= ones[i] != MS_ON_INFECTED;
		policy->grades |= !same_choice(choice,
		    &policy->base.rules.on[MS_ON_INFECTED]);
	}
}
