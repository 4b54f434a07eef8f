// SPDX-License-Identifier: GPL-3.0-or-later
#include "designer/import_dialog.h"

#include "design/clean.h"
#include "design/palette.h"
#include "designer/design_view.h"
#include "models/read.h"
#include "widgets/icons.h"
#include "widgets/row_delegate.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace keelson::ui {

namespace {

constexpr int pageSize = 250;
constexpr int rowHeight = 24;
constexpr int indexRole = Qt::UserRole;
constexpr int nameSpaceRole = Qt::UserRole + 1;

bool isOfTheSystem(const QString& nameSpace)
{
    return nameSpace.startsWith(QLatin1String("kube-"));
}

} // namespace

ImportDialog::ImportDialog(Cluster& cluster, const document::Kinds& kinds, QWidget* parent)
    : QDialog(parent),
      m_cluster(cluster),
      m_nameSpaces(new QComboBox(this)),
      m_filter(new QLineEdit(this)),
      m_tree(new QTreeWidget(this)),
      m_state(new QLabel(this))
{
    setWindowTitle(tr("Import from %1").arg(cluster.name()));
    resize(620, 640);
    m_nameSpaces->addItem(tr("All namespaces"));
    m_filter->setPlaceholderText(tr("Find an object"));
    m_filter->setClearButtonEnabled(true);
    m_tree->setItemDelegate(new RowDelegate(m_tree));
    m_tree->setHeaderLabels({tr("Object"), tr("Namespace")});
    m_tree->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_tree->header()->setStretchLastSection(false);
    m_tree->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    m_tree->setTextElideMode(Qt::ElideMiddle);
    m_tree->setUniformRowHeights(true);
    m_tree->setAccessibleName(tr("Objects"));
    m_state->setWordWrap(true);
    m_state->setForegroundRole(QPalette::PlaceholderText);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_import = buttons->addButton(tr("Import"), QDialogButtonBox::AcceptRole);
    auto* tools = new QHBoxLayout;
    tools->addWidget(m_filter, 1);
    tools->addWidget(m_nameSpaces);
    auto* column = new QVBoxLayout(this);
    column->addLayout(tools);
    column->addWidget(m_tree, 1);
    column->addWidget(m_state);
    column->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(m_filter, &QLineEdit::textChanged, this, &ImportDialog::narrow);
    connect(m_nameSpaces, &QComboBox::currentTextChanged, this, &ImportDialog::narrow);
    connect(m_tree, &QTreeWidget::itemChanged, this, &ImportDialog::refresh);
    for (const auto* entry : design::paletteOf(kinds)) {
        auto* group = new QTreeWidgetItem(m_tree, {toText(entry->kind)});
        group->setIcon(0, icon(iconOfKind(entry->kind)));
        group->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable | Qt::ItemIsAutoTristate);
        group->setCheckState(0, Qt::Unchecked);
        group->setSizeHint(0, {0, rowHeight}); // of all rows
        group->setHidden(true);
        readKind(*kinds.find(entry->apiVersion, entry->kind), {}, 0);
    }
    refresh();
}

void ImportDialog::readKind(const api::Kind& kind, const QString& more, int known)
{
    kube::Request request;
    request.path = (kind.groupVersion.group.empty() ? QStringLiteral("/api/") : QStringLiteral("/apis/")) +
                   toText(kind.groupVersion.text()) + QLatin1Char('/') + toText(kind.plural);
    request.query.addQueryItem(QStringLiteral("limit"), QString::number(pageSize));
    if (!more.isEmpty())
        request.query.addQueryItem(QStringLiteral("continue"), more);
    ++m_underWay;
    const auto name = toText(kind.kind);
    // The kind may go with the cluster's knowledge while the answer is on its way.
    m_cluster.client().send(request, this, [this, kind, name, known](const Result<kube::Response>& answer) {
        --m_underWay;
        int count = known;
        if (answer && answer->document) {
            for (auto object : listAt(*answer->document, {"items"})) {
                if (!object.is_object())
                    continue;
                // Items of a list do not say what they are.
                object.get_object()["apiVersion"] = kind.groupVersion.text();
                object.get_object()["kind"] = kind.kind;
                if (!design::isMadeByOthers(object))
                    addObject(object, name);
                ++count;
            }
            const auto next = textAt(*answer->document, {"metadata", "continue"});
            if (!next.isEmpty() && count < importPerKindMax)
                readKind(kind, next, count);
        } else {
            m_refused << name;
        }
        narrow();
        refresh();
    });
}

void ImportDialog::addObject(const api::Value& object, const QString& kind)
{
    for (int i = 0; i < m_tree->topLevelItemCount(); ++i) {
        auto* group = m_tree->topLevelItem(i);
        if (group->text(0) != kind)
            continue;
        const auto nameSpace = textAt(object, {"metadata", "namespace"});
        auto* item = new QTreeWidgetItem(group, {textAt(object, {"metadata", "name"}), nameSpace});
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
        item->setCheckState(0, Qt::Unchecked);
        item->setData(0, indexRole, static_cast<int>(m_objects.size()));
        item->setData(0, nameSpaceRole, nameSpace);
        m_objects.push_back(object);
        if (!nameSpace.isEmpty() && m_nameSpaces->findText(nameSpace) < 0)
            m_nameSpaces->addItem(nameSpace);
        return;
    }
}

void ImportDialog::narrow()
{
    const auto wanted = m_nameSpaces->currentIndex() > 0 ? m_nameSpaces->currentText() : QString();
    for (int i = 0; i < m_tree->topLevelItemCount(); ++i) {
        auto* group = m_tree->topLevelItem(i);
        bool isAny = false;
        for (int j = 0; j < group->childCount(); ++j) {
            auto* item = group->child(j);
            const auto nameSpace = item->data(0, nameSpaceRole).toString();
            const bool isShown = item->text(0).contains(m_filter->text(), Qt::CaseInsensitive) &&
                                 (wanted.isEmpty() ? !isOfTheSystem(nameSpace) : nameSpace == wanted);
            item->setHidden(!isShown);
            isAny |= isShown;
        }
        group->setHidden(!isAny);
        group->setExpanded(isAny && group->childCount() <= 12);
    }
}

void ImportDialog::checkAll(const QString& nameSpace)
{
    for (int i = 0; i < m_tree->topLevelItemCount(); ++i)
        for (int j = 0; j < m_tree->topLevelItem(i)->childCount(); ++j)
            if (auto* item = m_tree->topLevelItem(i)->child(j); item->data(0, nameSpaceRole).toString() == nameSpace)
                item->setCheckState(0, Qt::Checked);
}

void ImportDialog::refresh()
{
    int count = 0;
    for (int i = 0; i < m_tree->topLevelItemCount(); ++i)
        for (int j = 0; j < m_tree->topLevelItem(i)->childCount(); ++j)
            if (const auto* item = m_tree->topLevelItem(i)->child(j);
                item->checkState(0) == Qt::Checked && !item->isHidden())
                ++count;
    m_import->setEnabled(count > 0);
    m_import->setText(count > 0 ? tr("Import %n objects", nullptr, count) : tr("Import"));
    m_state->setText(m_underWay > 0 ? tr("Reading what the cluster has…")
                     : !m_refused.isEmpty()
                         ? tr("These kinds could not be listed: %1").arg(m_refused.join(QStringLiteral(", ")))
                     : m_objects.empty() ? tr("The cluster has nothing that somebody wrote a manifest for.")
                                         : tr("What controllers and the cluster itself made is not listed."));
}

std::vector<api::Value> ImportDialog::manifests() const
{
    std::vector<api::Value> manifests;
    for (int i = 0; i < m_tree->topLevelItemCount(); ++i)
        for (int j = 0; j < m_tree->topLevelItem(i)->childCount(); ++j)
            if (const auto* item = m_tree->topLevelItem(i)->child(j);
                item->checkState(0) == Qt::Checked && !item->isHidden())
                manifests.push_back(
                    design::cleaned(m_objects[static_cast<std::size_t>(item->data(0, indexRole).toInt())]));
    return manifests;
}

} // namespace keelson::ui
