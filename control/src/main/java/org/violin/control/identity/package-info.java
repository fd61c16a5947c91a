/**
 * Who hosts are: their keys and certificates, in files (docs/keys.md for users). Certificates are made by Bouncy
 * Castle; whatever comes from outside is read and checked by the JDK. Imports keys.
 */
package org.violin.control.identity;
