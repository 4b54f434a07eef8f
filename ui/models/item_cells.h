// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/item.h"

namespace keelson::ui {

Labels labelsAt(const api::Value& value, std::initializer_list<std::string_view> path);
/// A rule of a role in words: "get/list deployments, replicasets of apps, only web".
QString ruleText(const api::Value& rule);
/// Status, cells and facts of an object of `item.kind`: one function a kind, in the order of its columns.
void fillCells(const api::Value& object, Item& item);

} // namespace keelson::ui
