CREATE TABLE civicrm_email (id int PRIMARY KEY, contact_id int, email text, on_hold text, is_primary int);
CREATE TABLE civicrm_phone (id int PRIMARY KEY, contact_id int, phone text, is_primary int);
CREATE TABLE civicrm_address (id int PRIMARY KEY, contact_id int, street_address text, supplemental_address_1 text,
  postal_code text, city text, country_id int, is_primary int);
CREATE TABLE civicrm_website (id int PRIMARY KEY, contact_id int, url text);
CREATE TABLE civicrm_tag (id int PRIMARY KEY, name text);
CREATE TABLE civicrm_entity_tag (id int PRIMARY KEY, tag_id int, entity_id int, entity_table text);
CREATE TABLE civicrm_country (id int PRIMARY KEY, name text);
CREATE TABLE civicrm_contact (id int PRIMARY KEY, is_deleted int, contact_type text, modified_date text,
  employer_id int, organization_name text, household_name text, first_name text, last_name text, birth_date text,
  display_name text, is_opt_out text, do_not_email int, do_not_phone text, do_not_mail text, do_not_sms text,
  do_not_trade text);
CREATE TABLE civicrm_relationship (id int PRIMARY KEY, relationship_type_id int, contact_id_a int, contact_id_b int,
  description text);
CREATE TABLE civicrm_relationship_type (id int PRIMARY KEY, label_a_b text);
CREATE TABLE civicrm_activity (id int PRIMARY KEY, is_deleted int, is_test int, activity_date_time text,
  subject text);
CREATE TABLE civicrm_activity_contact (id int PRIMARY KEY, activity_id int, contact_id int);
CREATE TABLE civicrm_note (id int PRIMARY KEY, modified_date text, entity_id int, entity_table text, note text);
CREATE TABLE civicrm_contribution (id int PRIMARY KEY, is_test int, receive_date text, contact_id int,
  contribution_status_id int, total_amount text);
CREATE TABLE civicrm_membership (id int PRIMARY KEY, membership_type_id int, is_test int, start_date text,
  contact_id int, status_id int);
CREATE TABLE civicrm_membership_type (id int PRIMARY KEY, name text);
CREATE TABLE civicrm_participant (id int PRIMARY KEY, event_id int, is_test int, register_date text, contact_id int,
  status_id int);
CREATE TABLE civicrm_event (id int PRIMARY KEY, title text);
CREATE TABLE civicrm_group_contact (id int PRIMARY KEY, group_id int, contact_id int, status text);
CREATE TABLE civicrm_group (id int PRIMARY KEY, title text);
CREATE TABLE civicrm_domain (id int PRIMARY KEY, contact_id int);
CREATE TABLE civicrm_uf_match (id int PRIMARY KEY, contact_id int);

INSERT INTO civicrm_country (id, name) VALUES (1082, 'Germany');
INSERT INTO civicrm_contact (id, contact_type, display_name, organization_name, household_name, first_name, last_name,
  employer_id,
  do_not_email, is_deleted) VALUES (1, 'Organization', 'Alpha e.V.', 'Alpha e.V.', NULL, NULL, NULL, NULL, 0, 0),
  (2, 'Household', 'Muster family', NULL, 'Muster family', NULL, NULL, NULL, 0, 0),
  (3, 'Individual', 'Ann Muster', NULL, NULL, 'Ann', 'Muster', 1, 0, 0),
  (4, 'Individual', 'Ben Beispiel', NULL, NULL, 'Ben', 'Beispiel', NULL, 0, 0),
  (5, 'Individual', 'Gone', NULL, NULL, 'Old', 'Gone', NULL, 0, 1),
  (6, 'Organization', 'Our Fund e.V.', 'Our Fund e.V.', NULL, NULL, NULL, NULL, 0, 0);
INSERT INTO civicrm_domain (id, contact_id) VALUES (1, 6);
INSERT INTO civicrm_email (id, contact_id, email, is_primary) VALUES (1, 3, 'old@alpha.example', 0),
  (2, 3, 'ann@alpha.example', 1);
INSERT INTO civicrm_address (id, contact_id, street_address, postal_code, city, country_id, is_primary) VALUES
  (1, 1, 'Weg 1', '01099', 'Dresden', 1082, 1);
INSERT INTO civicrm_contribution (id, contact_id, receive_date, contribution_status_id, is_test) VALUES
  (1, 4, '2026-03-01 10:00:00', 1, 0), (2, 1, '2026-03-01 10:00:00', 2, 0), (3, 2, '2026-03-01 10:00:00', 1, 1);
INSERT INTO civicrm_relationship_type (id, label_a_b) VALUES (8, 'Household Member of');
INSERT INTO civicrm_relationship (id, relationship_type_id, contact_id_a, contact_id_b, description) VALUES
  (1, 8, 3, 2, 'member of the household');
INSERT INTO civicrm_activity (id, subject, activity_date_time, is_deleted, is_test) VALUES
  (1, 'asked for a form', '2024-05-01 10:00:00', 0, 0);
INSERT INTO civicrm_activity_contact (id, activity_id, contact_id) VALUES (1, 1, 3);
INSERT INTO civicrm_note (id, entity_table, entity_id, note, modified_date) VALUES
  (1, 'civicrm_contact', 1, 'likes blue', '2024-05-01'),
  (2, 'civicrm_event', 1, 'the hall is cold', '2024-05-01');
