/**
 * What an operator's command does: speaks to daemons, remembers the networks brought up from this machine, makes the
 * namespaces that stand for hosts, and brings a topology up and down. Runs on the command's main thread unless a class
 * says otherwise; holds no state between commands but the registry's files. Imports api and tune (the records
 * alone), topology, spec and os.
 */
package org.violin.control.client;
