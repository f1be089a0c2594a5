// Package dotenv reads .env files, in the dialects that people have, so that every byte can be kept but the values that are to
// go elsewhere.
//
// Start at Parse. A File has Assignments and, as Odd, what is no assignment; Replace puts other values in their places and leaves
// every other byte as it is. A Reference, "keysweep://prod/NAME", stands for a value that the ledger keeps.
//
// There is no standard, and programs differ. What is read here, and where it is from:
//
//	NAME=value          ends at the line's end or at a # with space before it (docker compose, python-dotenv, the shell)
//	NAME = value        with space around it (node's dotenv, python-dotenv)
//	export NAME=value   as in a file for the shell
//	NAME: value         with space after the colon (node's dotenv)
//	NAME='value'        as it is, over several lines too; \' is a quote unless the line ends there (docker compose)
//	NAME="value"        over several lines too; \n \r \t \" \\ \$ mean what they do in C, other backslashes stay (docker compose)
//	NAME=`value`        as it is, over several lines too (node's dotenv)
//	NAME                no value: programs take that of their own environment (docker)
//
// Where programs understand a line in different ways, an Assignment says so in Doubt. $NAME, ${NAME} and $(command), outside of
// single quotes, are not replaced: the value is as it stands, with Expands set. Within quotes a line ends with \n, even if the
// file has \r\n. See https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax,
// https://github.com/motdotla/dotenv#readme and https://pypi.org/project/python-dotenv/.
package dotenv
