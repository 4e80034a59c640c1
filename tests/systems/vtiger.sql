CREATE TABLE vtiger_crmentity (crmid int PRIMARY KEY, smownerid int, setype text, deleted int);
CREATE TABLE vtiger_users (id int PRIMARY KEY, user_name text);
CREATE TABLE vtiger_account (accountid int PRIMARY KEY, accountname text, parentid int, account_type text, phone text,
  email1 text, website text);
CREATE TABLE vtiger_accountbillads (accountaddressid int PRIMARY KEY, bill_city text, bill_code text, bill_street text);
CREATE TABLE vtiger_contactdetails (contactid int PRIMARY KEY, accountid int, firstname text, lastname text, email text,
  phone text, emailoptout text);
CREATE TABLE vtiger_invoice (invoiceid int PRIMARY KEY, accountid int, invoicestatus text, invoicedate text);
INSERT INTO vtiger_users VALUES (1, 'maria');
INSERT INTO vtiger_crmentity VALUES (1, 1, 'Accounts', 0), (2, 1, 'Accounts', 0), (3, 1, 'Accounts', 1),
  (4, 1, 'Contacts', 0), (5, 1, 'Invoice', 0);
INSERT INTO vtiger_account VALUES (1, 'Alpha Bau GmbH', 0, 'Prospect', NULL, NULL, NULL),
  (2, 'Beta Glas AG', 2, 'Prospect', NULL, NULL, NULL), (3, 'Gone GmbH', 0, NULL, NULL, NULL, NULL);
INSERT INTO vtiger_accountbillads VALUES (1, 'Dresden', '01099', 'Weg 1');
INSERT INTO vtiger_contactdetails VALUES (4, 1, 'Ann', 'Muster', 'ann@alpha.example', NULL, '0');
INSERT INTO vtiger_invoice VALUES (5, 2, 'Paid', '2026-05-01');
