/**
 * What the processes of the soak have agreed on.
 * Never a secret of anybody: nothing but this machine reaches them.
 */

/** The host's credential. */
export const adminSecret = "the-hosts-secret-in-the-soak";
/** Who approves. */
export const approvers: { readonly [name: string]: string } = { grace: "the-secret-of-grace-in-the-soak" };
/** Short, so that runs are lost to their leases while the soak runs. */
export const leaseSeconds = 5;
