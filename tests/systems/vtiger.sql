CREATE TABLE vtiger_crmentity (crmid int PRIMARY KEY, smownerid int, deleted int, modifiedtime text, description text,
  createdtime text, setype text);
CREATE TABLE vtiger_accountscf (accountid int PRIMARY KEY, cf_851 text);
CREATE TABLE vtiger_accountbillads (accountaddressid int PRIMARY KEY, bill_street text, bill_code text,
  bill_city text, bill_state text, bill_country text);
CREATE TABLE vtiger_accountshipads (accountaddressid int PRIMARY KEY, ship_city text);
CREATE TABLE vtiger_users (id int PRIMARY KEY, user_name text);
CREATE TABLE vtiger_account (accountid int PRIMARY KEY, parentid int, accountname text, email1 text, email2 text,
  phone text, otherphone text, website text, account_type text, emailoptout int);
CREATE TABLE vtiger_contactscf (contactid int PRIMARY KEY, cf_901 text);
CREATE TABLE vtiger_contactaddress (contactaddressid int PRIMARY KEY, mailingstreet text, mailingzip text,
  mailingcity text, mailingcountry text);
CREATE TABLE vtiger_contactsubdetails (contactsubscriptionid int PRIMARY KEY, birthday text);
CREATE TABLE vtiger_contactdetails (contactid int PRIMARY KEY, accountid int, firstname text, lastname text,
  email text, secondaryemail text, phone text, mobile text, donotcall text, emailoptout int);
CREATE TABLE vtiger_activity (activityid int PRIMARY KEY, date_start text, subject text, activitytype text);
CREATE TABLE vtiger_seactivityrel (activityid int, crmid int);
CREATE TABLE vtiger_cntactivityrel (activityid int, contactid int);
CREATE TABLE vtiger_modcomments (modcommentsid int PRIMARY KEY, related_to int, commentcontent text);
CREATE TABLE vtiger_troubletickets (ticketid int PRIMARY KEY, parent_id int, contact_id int, title text);
CREATE TABLE vtiger_potential (potentialid int PRIMARY KEY, closingdate text, related_to int, contact_id int,
  sales_stage text, potentialname text);
CREATE TABLE vtiger_quotes (quoteid int PRIMARY KEY, validtill text, accountid int, contactid int, subject text);
CREATE TABLE vtiger_salesorder (salesorderid int PRIMARY KEY, duedate text, accountid int, contactid int,
  subject text);
CREATE TABLE vtiger_invoice (invoiceid int PRIMARY KEY, invoicedate text, accountid int, contactid int,
  invoicestatus text);

INSERT INTO vtiger_users (id, user_name) VALUES (1, 'maria');
INSERT INTO vtiger_crmentity (crmid, smownerid, setype, deleted, modifiedtime) VALUES
  (1, 1, 'Accounts', 0, '2025-01-01 10:00:00'),
  (2, 1, 'Accounts', 0, '2025-01-01 10:00:00'), (3, 1, 'Accounts', 1, NULL), (4, 1, 'Contacts', 0, NULL),
  (5, 1, 'Invoice', 0, NULL),
  (6, 1, 'Calendar', 0, NULL), (7, 1, 'ModComments', 0, NULL), (8, 1, 'ModComments', 0, NULL),
  (9, 1, 'Calendar', 0, NULL);
INSERT INTO vtiger_account (accountid, accountname, parentid, account_type) VALUES (1, 'Alpha Bau GmbH', 0, 'Prospect'),
  (2, 'Beta Glas AG', 2, 'Prospect'), (3, 'Gone GmbH', 0, NULL);
INSERT INTO vtiger_accountbillads (accountaddressid, bill_city, bill_code, bill_street) VALUES
  (1, 'Dresden', '01099', 'Weg 1');
INSERT INTO vtiger_accountscf VALUES (1, 'construction');
INSERT INTO vtiger_contactdetails (contactid, accountid, firstname, lastname, email, mobile, emailoptout) VALUES
  (4, 1, 'Ann', 'Muster', 'ann@alpha.example', '0171 5550101', 0);
INSERT INTO vtiger_activity (activityid, date_start, subject, activitytype) VALUES
  (6, '2024-05-01', 'asked for a price', 'Call'),
  (9, '2024-05-02', 'sent the bill again', 'Call');
INSERT INTO vtiger_seactivityrel (activityid, crmid) VALUES (6, 1), (9, 5);
INSERT INTO vtiger_cntactivityrel (activityid, contactid) VALUES (6, 4);
INSERT INTO vtiger_modcomments (modcommentsid, related_to, commentcontent) VALUES (7, 4, 'likes blue'),
  (8, 5, 'paid late');
INSERT INTO vtiger_invoice (invoiceid, accountid, contactid, invoicestatus, invoicedate) VALUES
  (5, 2, 0, 'Paid', '2026-05-01');
