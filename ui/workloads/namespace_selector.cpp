// SPDX-License-Identifier: GPL-3.0-or-later
#include "workloads/namespace_selector.h"

#include "models/natural_order.h"
#include "widgets/icons.h"

#include <QFrame>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace keelson::ui {

NamespaceSelector::NamespaceSelector(Cluster& cluster, QWidget* parent)
    : QToolButton(parent),
      m_cluster(cluster),
      m_popup(new QFrame(this, Qt::Popup)),
      m_filter(new QLineEdit(m_popup)),
      m_list(new QListWidget(m_popup))
{
    setIcon(ui::icon(QStringLiteral("namespace")));
    setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    setAutoRaise(true);
    m_popup->setFrameShape(QFrame::StyledPanel);
    m_filter->setPlaceholderText(tr("Find a namespace"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setAccessibleName(tr("Namespaces"));
    auto* column = new QVBoxLayout(m_popup);
    column->setContentsMargins(8, 8, 8, 8);
    column->addWidget(m_filter);
    column->addWidget(m_list);
    connect(this, &QToolButton::clicked, this, &NamespaceSelector::openList);
    connect(m_filter, &QLineEdit::textChanged, this, &NamespaceSelector::fill);
    connect(m_list, &QListWidget::itemChanged, this, &NamespaceSelector::take);
    connect(m_list, &QListWidget::itemActivated, this, [this](QListWidgetItem* item) {
        m_cluster.setNameSpaces({item->text()}); // Return or a double click: only this one
        m_popup->hide();
    });
    connect(&cluster, &Cluster::nameSpacesChanged, this, &NamespaceSelector::refreshText);
    refreshText();
}

void NamespaceSelector::openList()
{
    m_filter->clear();
    fill();
    m_popup->resize(std::max(260, width()), 340);
    m_popup->move(mapToGlobal(QPoint(0, height() + 2)));
    m_popup->show();
    m_filter->setFocus();
}

void NamespaceSelector::fill()
{
    const QSignalBlocker quiet(m_list);
    m_list->clear();
    QStringList names;
    for (const auto& item : m_cluster.store(QStringLiteral("namespaces"))->items())
        names << item->name;
    std::ranges::sort(names, naturalLess);
    const auto add = [this](const QString& text, bool checked, const QString& value) {
        auto* item = new QListWidgetItem(text, m_list);
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
        item->setCheckState(checked ? Qt::Checked : Qt::Unchecked);
        item->setData(Qt::UserRole, value);
        item->setSizeHint({0, 28});
    };
    if (m_filter->text().isEmpty())
        add(tr("All namespaces"), m_cluster.nameSpaces().isEmpty(), {});
    for (const auto& name : names)
        if (name.contains(m_filter->text(), Qt::CaseInsensitive))
            add(name, m_cluster.nameSpaces().contains(name), name);
}

void NamespaceSelector::take()
{
    auto chosen = m_cluster.nameSpaces();
    for (int row = 0; row < m_list->count(); ++row) {
        const auto* item = m_list->item(row);
        const auto name = item->data(Qt::UserRole).toString();
        const bool isChecked = item->checkState() == Qt::Checked;
        if (name.isEmpty()) {
            if (isChecked && !m_cluster.nameSpaces().isEmpty()) {
                m_cluster.setNameSpaces({});
                fill();
                return;
            }
            continue;
        }
        if (isChecked)
            chosen.insert(name);
        else
            chosen.remove(name);
    }
    m_cluster.setNameSpaces(chosen);
    fill();
}

void NamespaceSelector::refreshText()
{
    const auto& chosen = m_cluster.nameSpaces();
    setText(chosen.isEmpty()     ? tr("All namespaces")
            : chosen.size() == 1 ? *chosen.begin()
                                 : tr("%n namespaces", nullptr, static_cast<int>(chosen.size())));
    setToolTip(chosen.isEmpty() ? tr("Choose which namespaces are shown")
                                : QStringList(chosen.values()).join(QStringLiteral(", ")));
}

} // namespace keelson::ui
