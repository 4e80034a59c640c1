CREATE TABLE "Customers" ("CustomerID" char(5) PRIMARY KEY, "CompanyName" text, "ContactName" text, "Address" text,
  "City" text, "PostalCode" text, "Country" text, "Phone" text);
CREATE TABLE "Employees" ("EmployeeID" int PRIMARY KEY, "LastName" text);
CREATE TABLE "Products" ("ProductID" int PRIMARY KEY, "ProductName" text);
CREATE TABLE "Orders" ("OrderID" int PRIMARY KEY, "CustomerID" char(5), "EmployeeID" int, "OrderDate" text);
CREATE TABLE "Order Details" ("OrderID" int, "ProductID" int, "Quantity" int, PRIMARY KEY ("OrderID", "ProductID"));
CREATE TABLE "CustomerCustomerDemo" ("CustomerID" char(5), "CustomerTypeID" char(10));
INSERT INTO "Customers" VALUES ('ALFAB', 'Alpha Bau GmbH', 'Ann Muster', 'Weg 1', 'Dresden', '01099', 'Germany', NULL),
  ('BETAG', 'Beta Glas AG', 'Ben Beispiel', NULL, NULL, NULL, NULL, NULL);
INSERT INTO "Employees" VALUES (1, 'Muster');
INSERT INTO "Products" VALUES (11, 'Bolts'), (12, 'Nuts');
INSERT INTO "Orders" VALUES (1, 'ALFAB', 1, '2019-05-01 00:00:00'), (2, 'BETAG', 1, '2026-05-01 00:00:00');
INSERT INTO "Order Details" VALUES (1, 11, 5), (1, 12, 7), (2, 11, 9);
