// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/item.h"

#include "models/item_cells.h"
#include "models/read.h"

#include <boost/json/serialize.hpp>

namespace keelson::ui {

namespace {

void readOwner(const api::Value& object, Item& item)
{
    for (const auto& owner : listAt(object, {"metadata", "ownerReferences"})) {
        if (!item.ownerUid.isEmpty() && !api::boolAt(owner, {"controller"}))
            continue;
        item.ownerKind = textAt(owner, {"kind"});
        item.ownerName = textAt(owner, {"name"});
        item.ownerUid = textAt(owner, {"uid"});
    }
}

std::shared_ptr<Item> withMetadata(const KindInfo& kind, const api::Value& object)
{
    auto item = std::make_shared<Item>();
    item->kind = &kind;
    item->uid = textAt(object, {"metadata", "uid"});
    item->nameSpace = textAt(object, {"metadata", "namespace"});
    item->name = textAt(object, {"metadata", "name"});
    if (item->uid.isEmpty()) // some servers leave it out of projections
        item->uid = item->nameSpace + QLatin1Char('/') + item->name;
    item->resourceVersion = textAt(object, {"metadata", "resourceVersion"});
    item->createdMs = timeAt(object, {"metadata", "creationTimestamp"});
    item->deleting = !textAt(object, {"metadata", "deletionTimestamp"}).isEmpty();
    item->labels = labelsAt(object, {"metadata", "labels"});
    readOwner(object, *item);
    return item;
}

ItemPtr projectRow(const KindInfo& kind, const QStringList& titles, const api::Value& row)
{
    const auto* object = api::find(row, {"object"});
    if (!object)
        return nullptr;
    auto item = withMetadata(kind, *object);
    item->status = {StatusRole::Ok, {}, {}};
    const auto& cells = listAt(row, {"cells"});
    for (const auto& column : kind.columns) {
        const auto index = titles.indexOf(column.title);
        Cell cell;
        if (index >= 0 && index < static_cast<qsizetype>(cells.size())) {
            const auto& value = cells[static_cast<std::size_t>(index)];
            cell.text = value.is_string() ? toText(value.get_string()) : toText(boost::json::serialize(value));
            if (value.is_number())
                cell.number = value.to_number<double>();
        }
        item->cells << cell;
    }
    return item;
}

} // namespace

bool isAbout(const Item& event, const Item& object)
{
    const auto* facts = event.factsAs<EventFacts>();
    return facts && facts->objectKind == object.kind->kind && facts->objectName == object.name &&
           (object.nameSpace.isEmpty() || facts->objectNameSpace == object.nameSpace) &&
           (facts->objectUid.isEmpty() || facts->objectUid == object.uid || facts->objectUid == object.name);
}

ItemPtr projectObject(const KindInfo& kind, const api::Value& object)
{
    if (api::stringAt(object, {"metadata", "name"}).empty())
        return nullptr;
    auto item = withMetadata(kind, object);
    fillCells(object, *item);
    return item;
}

QVector<ItemPtr> projectPage(const KindInfo& kind, const api::Value& page)
{
    QVector<ItemPtr> items;
    const auto add = [&items](ItemPtr item) {
        if (item)
            items << std::move(item);
    };
    if (api::find(page, {"columnDefinitions"}) || api::stringAt(page, {"kind"}) == "Table") {
        QStringList titles;
        for (const auto& column : listAt(page, {"columnDefinitions"}))
            titles << textAt(column, {"name"});
        if (titles.isEmpty()) // a watch sends the columns once; both kinds that use tables have these
            titles = kind.id == QLatin1String("secrets") ? QStringList{"Name", "Type", "Data", "Age"}
                                                         : QStringList{"Name", "Data", "Age"};
        for (const auto& row : listAt(page, {"rows"}))
            add(projectRow(kind, titles, row));
        return items;
    }
    const auto* list = api::find(page, {"items"});
    if (!list) {
        add(projectObject(kind, page));
        return items;
    }
    if (list->is_array())
        for (const auto& object : list->get_array())
            add(projectObject(kind, object));
    return items;
}

} // namespace keelson::ui
