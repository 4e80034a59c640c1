CREATE TABLE civicrm_contact (id int PRIMARY KEY, contact_type text, display_name text, organization_name text,
  household_name text, first_name text, last_name text, employer_id int, do_not_email int, is_deleted int);
CREATE TABLE civicrm_email (id int PRIMARY KEY, contact_id int, email text, is_primary int);
CREATE TABLE civicrm_contribution (id int PRIMARY KEY, contact_id int, receive_date text, contribution_status_id int);
CREATE TABLE civicrm_relationship (id int PRIMARY KEY, contact_id_a int, contact_id_b int, description text);
INSERT INTO civicrm_contact VALUES (1, 'Organization', 'Alpha e.V.', 'Alpha e.V.', NULL, NULL, NULL, NULL, 0, 0),
  (2, 'Household', 'Muster family', NULL, 'Muster family', NULL, NULL, NULL, 0, 0),
  (3, 'Individual', 'Ann Muster', NULL, NULL, 'Ann', 'Muster', 1, 0, 0),
  (4, 'Individual', 'Ben Beispiel', NULL, NULL, 'Ben', 'Beispiel', NULL, 0, 0),
  (5, 'Individual', 'Gone', NULL, NULL, 'Gone', 'Away', NULL, 0, 1);
INSERT INTO civicrm_email VALUES (1, 3, 'old@alpha.example', 0), (2, 3, 'ann@alpha.example', 1);
INSERT INTO civicrm_contribution VALUES (1, 4, '2026-01-01 10:00:00', 1);
INSERT INTO civicrm_relationship VALUES (1, 3, 2, 'member of the household');
